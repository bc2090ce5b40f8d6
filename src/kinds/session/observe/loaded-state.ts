// The loaded state: the fingerprint of what lies on disk when a session is started, which is what its process will read.
import type { LeftOut } from "../../../delta/projection.ts";
import { projectBytes } from "../../../delta/projection-read.ts";
import type { Agent, Fleet, RenderedFile } from "../../../model/fleet.ts";
import type { Json } from "../../../model/json.ts";
import type { FileReader } from "../../../model/world.ts";
import { components } from "../fingerprint.ts";
import type { Components } from "../types.ts";

/** Larger than any file a client reads at its start; what is larger is not what we wrote. */
const LIMIT = 16 * 1024 * 1024;

/**
 * The components with the start-time files as they lie in the agent's folder now. Equal to the desired ones when these
 * files are as desired. Call it right before the start.
 */
export function loadedComponents(
  agent: Agent,
  { folder, fleet, files }: { readonly folder: string; readonly fleet: Fleet; readonly files: FileReader },
): Components {
  const project = (file: RenderedFile, leftOut: LeftOut): Json => {
    const read = files.read(`${folder}/${file.target}`, { limit: LIMIT });
    switch (read.state) {
      case "absent":
        return projectBytes(file, null, leftOut);
      case "file":
        return projectBytes(file, read.bytes, leftOut);
      case "refused":
        // What a client makes of a link or a device there is not known, so it is nothing that could be desired.
        return `not read: ${read.why}`;
    }
  };
  return components(agent, fleet, project);
}
