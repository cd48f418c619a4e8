/** A body of `multipart/form-data` with a CSV file and a field. @param boundary occurs in neither */
export async function multipartForm(
  boundary: string,
  file: File,
  field: { readonly name: string; readonly value: string },
): Promise<string> {
  return [
    `--${boundary}`,
    `content-disposition: form-data; name="file"; filename="${file.name}"`,
    "content-type: text/csv",
    "",
    await file.text(),
    `--${boundary}`,
    `content-disposition: form-data; name="${field.name}"`,
    "",
    field.value,
    `--${boundary}--`,
    "",
  ].join("\r\n");
}
