/** How wide a text for a person may be: as the terminal, unless that is absurdly narrow, or 80 columns where there is none. */
export function widthOf({ columns }: { readonly columns?: number }): number {
  return Math.max(40, columns || 80);
}
