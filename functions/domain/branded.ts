declare const brand: unique symbol;

/** A `Base` that the compiler keeps apart from every other: only a cast makes one. It costs nothing at run time. */
export type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };
