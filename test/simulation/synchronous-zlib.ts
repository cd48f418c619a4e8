import { syncBuiltinESMExports } from "node:module";
import zlib from "node:zlib";

/**
 * Makes compression synchronous: in other threads, its duration would decide which of two runs is ahead. Must be imported
 * before anything that imports node:zlib.
 */
type Done = (error: Error | null, bytes?: Buffer) => void;
type Convert = (bytes: zlib.InputType) => Buffer;

function synchronous(convert: Convert) {
  return (bytes: zlib.InputType, done: Done) => {
    try {
      done(null, convert(bytes));
    } catch (error) {
      done(error as Error);
    }
  };
}

Object.assign(zlib, { gzip: synchronous(zlib.gzipSync), gunzip: synchronous(zlib.gunzipSync) });
syncBuiltinESMExports();
