/** Codes that are written out when an address is stored: a client that compares texts sees a difference for ever. */
const regions: Readonly<Record<string, string>> = {
  CA: "California",
  IL: "Illinois",
  MA: "Massachusetts",
  NY: "New York",
  ON: "Ontario",
  QC: "Quebec",
  TX: "Texas",
};

const countries: Readonly<Record<string, string>> = {
  CA: "Canada",
  DE: "Germany",
  FR: "France",
  GB: "United Kingdom",
  US: "United States",
};

export const regionName = (text: string): string => regions[text] ?? text;
export const countryName = (text: string): string => countries[text] ?? text;
