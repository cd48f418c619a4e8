import { numberedId } from "./numbered-id.ts";

interface CustomField {
  readonly custom_field_id: string;
  readonly label: string;
  /** The label with underscores for its blanks: an import names the field by it. */
  readonly name: string;
  readonly type: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface CustomFieldSeed {
  readonly label: string;
  /** @default "string" */
  readonly type?: string;
}

/** The custom fields of an account. */
export class CustomFields {
  readonly #fields: CustomField[] = [];

  values(): readonly CustomField[] {
    return this.#fields;
  }

  find(name: string): CustomField | undefined {
    return this.#fields.find((field) => field.name === name);
  }

  get(customFieldId: string): CustomField | undefined {
    return this.#fields.find((field) => field.custom_field_id === customFieldId);
  }

  add({ label, type = "string" }: CustomFieldSeed, at: string): CustomField {
    const custom_field_id = numberedId("customField", this.#fields.length + 1);
    const name = label.replaceAll(" ", "_");
    const field = { custom_field_id, label, name, type, created_at: at, updated_at: at };
    this.#fields.push(field);
    return field;
  }
}
