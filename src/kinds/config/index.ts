// The kind `config`: one rendered file of an agent, owned whole, by a block, or key by key beside other writers.
import { parseAddress } from "../../model/address.ts";
import { defineKind } from "../../model/kind.ts";
import { check } from "./check.ts";
import { desire } from "./desire.ts";
import { diff } from "./diff.ts";
import { observe } from "./observe.ts";
import { type ConfigProps, type ConfigSeen, isClientSettings } from "./types.ts";
import { documentIn, widenings } from "./widening.ts";

export const config = defineKind<ConfigProps, ConfigSeen>({
  name: "config",
  describe: {
    owns: "One rendered file of an agent. `whole`: all of its bytes. `block`: the bytes between two marks in a file that is otherwise a person's. `keys`: the rendered paths of a JSON file; elements of the permission lists and single hooks count as paths, and what others wrote stays.",
    inSync:
      "`whole`: the bytes are equal. `block`: the bytes between the marks are. `keys`: every rendered path has its value, whatever the order and layout, and the client takes the file. Of the mode, the owner's exec bit counts and that not everybody may write.",
    addresses: "`config/<agent>/<target>`, one key `config/<agent>/<target>#/pointer`",
  },
  live: false,
  removalRank: (address) => (isClientSettings(parseAddress(address)?.name ?? "") ? 1 : 3),
  desire,
  check,
  observe,
  diff,
  async put(jobs, fleet, world, settle) {
    const { put } = await import("./put.ts");
    await put(jobs, fleet, world, settle);
  },
  async remove(jobs, fleet, world, settle) {
    const { remove } = await import("./remove.ts");
    await remove(jobs, fleet, world, settle);
  },
  capabilities: {
    permissive: {
      gains({ address, before, after }, fleet) {
        if (!isClientSettings(parseAddress(address)?.name ?? "")) return [];
        return widenings(documentIn(before), documentIn(after), fleet.hook.path);
      },
    },
    explainable: {
      async locate(file, position) {
        const { locate } = await import("./locate.ts");
        return locate(file, position);
      },
    },
  },
});
