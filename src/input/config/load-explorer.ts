// cosmiconfig behind a module of ours: a CommonJS package loaded lazily by a bundle has no named exports of its own.
export { cosmiconfigSync } from "cosmiconfig";
