export const utf16le = (text: string): Buffer => Buffer.from(text, "utf16le");
export const utf16be = (text: string): Buffer => utf16le(text).swap16();

/** What a file holds, by the case that it is of: the values of its rows, below the columns `email` and `data_a`. */
export const readable: readonly (readonly [name: string, content: string | Uint8Array, rows: string[][]])[] =
  [
    ["a quote alone in quotes", 'email,data_a\na@x.fr,""""\n', [["a@x.fr", '"']]],
    ["two quotes in quotes", 'email,data_a\na@x.fr,""""""\n', [["a@x.fr", '""']]],
    ["a quote at either end of a value", 'email,data_a\na@x.fr,"""x"""\n', [["a@x.fr", '"x"']]],
    ["a quote before a delimiter", 'email,data_a\na@x.fr,"x"","""\n', [["a@x.fr", 'x","']]],
    ["JSON in a value", 'email,data_a\na@x.fr,"{""a"": [1, ""b""]}"\n', [["a@x.fr", '{"a": [1, "b"]}']]],
    ["a delimiter alone in quotes", 'email,data_a\na@x.fr,","\n', [["a@x.fr", ","]]],
    ["line breaks alone in quotes", 'email,data_a\n"a@x.fr","\n\r\n\r"\n', [["a@x.fr", "\n\r\n\r"]]],
    [
      "what looks like a row in quotes",
      'email,data_a\na@x.fr,"\nb@x.fr,c\n"\n',
      [["a@x.fr", "\nb@x.fr,c\n"]],
    ],
    [
      "what looks like a header in quotes",
      'email,data_a\na@x.fr,"email,data_a"\n',
      [["a@x.fr", "email,data_a"]],
    ],
    [
      "empty values in quotes",
      'email,data_a\na@x.fr,""\n"",""\n',
      [
        ["a@x.fr", ""],
        ["", ""],
      ],
    ],
    [
      "delimiters alone",
      "email,data_a\n,\na@x.fr,\n,b\n",
      [
        ["", ""],
        ["a@x.fr", ""],
        ["", "b"],
      ],
    ],
    [
      "LF and CR LF in turns",
      "email,data_a\r\na@x.fr,1\nb@x.fr,2\r\n",
      [
        ["a@x.fr", "1"],
        ["b@x.fr", "2"],
      ],
    ],
    [
      "LF and CR LF in turns, and quotes",
      'email,data_a\n"a@x.fr",1\r\nb@x.fr,2\n',
      [
        ["a@x.fr", "1"],
        ["b@x.fr", "2"],
      ],
    ],
    ["an empty line between any two", '\n\nemail,data_a\n\n"a@x.fr",1\n\r\n\n', [["a@x.fr", "1"]]],
    ["spaces around values", "email,data_a\n a@x.fr , 1 \n", [[" a@x.fr ", " 1 "]]],
    ["apostrophes for quotes", "email,data_a\n'a@x.fr','1\n", [["'a@x.fr'", "'1"]]],
    ["typographic quotes", "email,data_a\n“a@x.fr”,«1»\n", [["“a@x.fr”", "«1»"]]],
    [
      "backslashes",
      'email,data_a\na@x.fr,\\\nb@x.fr,"\\"\n',
      [
        ["a@x.fr", "\\"],
        ["b@x.fr", "\\"],
      ],
    ],
    ["a sign of a comment", "email,data_a\n#a@x.fr,// 1\n", [["#a@x.fr", "// 1"]]],
    ["formulas", "email,data_a\n=1+1,\"=cmd|' /C calc'!A0\"\n", [["=1+1", "=cmd|' /C calc'!A0"]]],
    [
      "words for nothing",
      "email,data_a\nnull,NULL\nundefined,\\N\n",
      [
        ["null", "NULL"],
        ["undefined", "\\N"],
      ],
    ],
    ["numbers with zeros", "email,data_a\n007,1.50\n", [["007", "1.50"]]],
    ["NUL in a value", "email,data_a\na@x.fr,\0x\0\n", [["a@x.fr", "\0x\0"]]],
    ["Ctrl-Z in a value", "email,data_a\na@x.fr,\u001ax\n", [["a@x.fr", "\u001ax"]]],
    ["a lone CR in a value", "email,data_a\na@x.fr,x\ry\n", [["a@x.fr", "x\ry"]]],
    ["a lone CR beside quotes", 'email,data_a\n"a@x.fr",x\ry\n', [["a@x.fr", "x\ry"]]],
    [
      "line breaks that only Unicode has",
      "email,data_a\na@x.fr,1\u20282\u20293\u00854\v5\f6\n",
      [["a@x.fr", "1\u20282\u20293\u00854\v5\f6"]],
    ],
    [
      "a byte order mark in a value",
      "\ufeffemail,data_a\n\ufeffa@x.fr,\ufeff\n",
      [["\ufeffa@x.fr", "\ufeff"]],
    ],
    ["letters of one to four bytes", "email,data_a\na@x.fr,aé€😀\n", [["a@x.fr", "aé€😀"]]],
    [
      "combined, bidirectional and invisible letters",
      "email,data_a\na@x.fr,e\u0301\u202e\u200b\ufe0f\n",
      [["a@x.fr", "e\u0301\u202e\u200b\ufe0f"]],
    ],
    [
      "a value of almost a megabyte",
      `email,data_a\na@x.fr,"${"é\n".repeat(340_000)}"\n`,
      [["a@x.fr", "é\n".repeat(340_000)]],
    ],
    ["semicolons, and commas in values", "email;data_a\na@x.fr;1,5\n", [["a@x.fr", "1,5"]]],
    ["tabs, and all others in values", 'email\tdata_a\na@x.fr\t";,|"\n', [["a@x.fr", ";,|"]]],
  ];
