// What the client's own loader does with each key of a settings file. Data only, measured: every key was given a string,
// a number, a boolean, a list, an object and null, and resolveSettings of @anthropic-ai/claude-agent-sdk 0.3.330 asked
// what became of the file.

/**
 * Keys whose value has to be of one of these types (s text, n number, b true or false, l list, o object, z null); any other makes the
 * client drop the whole file.
 */
const BY_TYPES: Readonly<Record<string, string>> = {
  b:
    "agentPushNotifEnabled allowAllClaudeAiMcps allowClaudeInChromeWithManagedMcp " +
    "allowNestedModelAccessUnderForceLogin alwaysThinkingEnabled autoCompactEnabled autoDreamEnabled " +
    "autoMemoryEnabled autoScrollEnabled bashEditDiffEnabled disableAllHooks disableReplyCheck " +
    "emojiCompletionEnabled fastMode fileCheckpointingEnabled forceRemoteSettingsRefresh idleCompaction " +
    "includeCoAuthoredBy includeGitInstructions inputNeededNotifEnabled precomputeCompactionEnabled " +
    "prefersReducedMotion promptSuggestionEnabled respectGitignore respondToBashCommands " +
    "showClearContextOnPlanAccept showMessageTimestamps showThinkingSummaries showTurnDuration " +
    "spinnerTipsEnabled switchModelsOnFlag syntaxHighlightingDisabled terminalProgressBarEnabled " +
    "terminalTitleFromRename todoFeatureEnabled verbose voiceEnabled wheelScrollAccelerationEnabled " +
    "workflowKeywordTriggerEnabled wslInheritsWindowsSettings",
  bo: "attribution",
  bz:
    "allowManagedHooksOnly allowManagedMcpServersOnly allowManagedPermissionRulesOnly " +
    "autoContinueAtUsageLimit autoUploadSessions channelsEnabled disableAgentView disableArtifact " +
    "disableBundledSkills disableClaudeAiConnectors disableCommandPluginSources disableRemoteControl " +
    "disableSideloadFlags disableSkillShellExecution disableWindowsBashCommandSplit disableWorkflows " +
    "enableAllProjectMcpServers enableArtifact enableWorkflows enforceAvailableModels " +
    "fastModePerSessionOptIn isolatePeerMachines remoteControlAtStartup skipAutoPermissionPrompt " +
    "skipDangerousModePermissionPrompt skipWebFetchPreflight syncClaudeAiPlugins syncClaudeAiSkills " +
    "useAutoModeDuringPlan",
  l:
    "allowedChannelPlugins allowedHttpHookUrls availableModels claudeMdExcludes companyAnnouncements " +
    "fallbackModel httpHookAllowedEnvVars pluginSuggestionMarketplaces sshConfigs",
  lz: "allowedMarketplaces blockedMarketplaces strictKnownMarketplaces",
  n:
    "cleanupPeriodDays desktopSessionCleanupPeriodDays feedbackSurveyRate skillListingBudgetFraction " +
    "skillListingMaxDescChars",
  o: "autoMode enabledPlugins modelOverrides pluginConfigs remote sandbox skillOverrides voice worktree",
  s:
    "$schema advisorModel agent apiKeyHelper attributionProject autoMemoryDirectory awsAuthRefresh " +
    "awsCredentialExport claudeMd gcpAuthRefresh language minimumVersion model otelHeadersHelper " +
    "outputStyle plansDirectory pluginTrustMessage prUrlTemplate processWrapper proxyAuthHelper " +
    "requiredMaximumVersion requiredMinimumVersion timeFormat timeZone",
  sl: "enabledMcpjsonServers forceLoginOrgUUID",
  ssl: "disabledMcpjsonServers",
};

/** Keys of which the client ignores a value that it cannot use, and only that value. */
const TOLERANT =
  "additionalMarketplaces allowedMcpServers allowedProviders appendPlugins askUserQuestionTimeout " +
  "attributionProjectPolicy autoCompactWindow availableModelsMatch bashOutputMaxChars " +
  "crossSessionInbound deniedMcpServers deniedModels desktopMcpServersListScope dialogExpiry editorMode " +
  "effortLevel extraKnownMarketplaces footerLinksRegexes forceLoginGatewayUrl forceLoginMethod " +
  "gatewayInternalNetworks keybindingFlavor managedMcpServers maxEffortLevel maxProseWidth modelPicker " +
  "modelPricing modelSettings policyHelper preferredNotifChannel prependPlugins promptCacheTtl " +
  "spellcheck spinnerTipsOverride sshHostCommands strictPluginOnlyCustomization subagentPromptCacheTtl " +
  "subagentStatusLine taskOutputMaxChars teammateMode theme ultracode viewMode vimInsertModeRemaps";

/** Keys that take one of a few words; any other value makes the client drop the whole file. */
export const CLIENT_WORDS: Readonly<Record<string, readonly string[]>> = {
  workflowSizeGuideline: ["unrestricted", "small", "medium", "large"],
  defaultShell: ["bash", "powershell"],
  parentSettingsBehavior: ["first-wins", "merge"],
  managedSourcesBehavior: ["first-wins", "merge"],
  feedbackDrafts: ["notify", "quiet", "off"],
  autoUpdatesChannel: ["latest", "stable", "rc"],
  tui: ["default", "fullscreen"],
  disableAutoMode: ["disable"],
  daemonColdStart: ["transient", "ask"],
  disableDeepLinkRegistration: ["disable"],
  defaultView: ["chat", "transcript"],
};

/** Those of them that may be null, which the client passes over. */
export const CLIENT_NULLABLE_WORDS: ReadonlySet<string> = new Set([
  "feedbackDrafts",
  "disableAutoMode",
  "disableDeepLinkRegistration",
]);

/** Keys that hold an object with required members. */
const SHAPED = ["fileSuggestion", "statusLine", "spinnerVerbs", "permissions", "hooks", "env"];

/** Members of objects, as `key.member`, whose wrong type makes the client drop the whole file. */
export const CLIENT_MEMBERS: Readonly<Record<string, string>> = {
  "permissions.allow": "l",
  "permissions.deny": "l",
  "permissions.ask": "l",
  "permissions.additionalDirectories": "l",
  "permissions.blockReadsOutsideWorkingDirectories": "b",
  "permissions.blockWritesOutsideWorkingDirectories": "b",
  "permissions.denyInsteadOfPrompting": "b",
  "attribution.commit": "s",
  "attribution.pr": "s",
  "attribution.sessionUrl": "b",
  "worktree.symlinkDirectories": "l",
  "sandbox.enabled": "b",
  "sandbox.autoAllowBashIfSandboxed": "b",
  "sandbox.excludedCommands": "l",
  "sandbox.network": "o",
  "sandbox.filesystem": "o",
  "remote.defaultEnvironmentId": "s",
  "voice.enabled": "b",
  "autoMode.allow": "l",
  "autoMode.soft_deny": "l",
};

/** Lists in which one element that is no text makes the client drop the whole file. */
export const CLIENT_TEXT_LISTS: ReadonlySet<string> = new Set(
  (
    "fallbackModel availableModels enabledMcpjsonServers disabledMcpjsonServers claudeMdExcludes companyAnnouncements " +
    "allowedHttpHookUrls httpHookAllowedEnvVars pluginSuggestionMarketplaces forceLoginOrgUUID " +
    "permissions.additionalDirectories"
  ).split(" "),
);

export const PERMISSION_LISTS = ["allow", "deny", "ask", "additionalDirectories"] as const;

export const PERMISSION_MODES = ["acceptEdits", "auto", "bypassPermissions", "default", "dontAsk", "manual", "plan"];

/** HOOK_EVENTS of the same package. */
export const CLIENT_EVENTS: ReadonlySet<string> = new Set(
  (
    "PreToolUse PostToolUse PostToolUseFailure PostToolBatch Notification UserPromptSubmit UserPromptExpansion " +
    "SessionStart SessionEnd Stop StopFailure SubagentStart SubagentStop PreCompact PostCompact PreModelSwitch " +
    "PostModelSwitch PermissionRequest PermissionDenied Setup TeammateIdle TaskCreated TaskCompleted Elicitation " +
    "ElicitationResult ConfigChange WorktreeCreate WorktreeRemove InstructionsLoaded CwdChanged FileChanged " +
    "DirectoryAdded MessageDisplay"
  ).split(" "),
);

/** Events in which one malformed entry makes the client drop the whole file; in others it drops the entry. */
export const GATE_EVENTS: ReadonlySet<string> = new Set(["PreToolUse", "PermissionRequest"]);

/** The fields of a hook by its type: `field types`, a `!` behind required ones. */
export const HOOK_FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  command: {
    command: "s!",
    args: "l",
    if: "s",
    shell: "s",
    timeout: "n",
    onFailure: "s",
    statusMessage: "s",
    once: "b",
    async: "b",
    asyncRewake: "b",
  },
  prompt: {
    prompt: "s!",
    if: "s",
    timeout: "n",
    model: "s",
    continueOnBlock: "b",
    statusMessage: "s",
    once: "b",
  },
  agent: { prompt: "s!", if: "s", timeout: "n", model: "s", statusMessage: "s", once: "b" },
  http: {
    url: "s!",
    if: "s",
    timeout: "n",
    onFailure: "s",
    headers: "o",
    allowedEnvVars: "l",
    statusMessage: "s",
    once: "b",
  },
  mcp_tool: {
    server: "s!",
    tool: "s!",
    input: "o",
    if: "s",
    timeout: "n",
    onFailure: "s",
    statusMessage: "s",
    once: "b",
  },
};

/** The types a top-level key may have; null for a key whose value never costs more than itself; undefined: unknown key. */
export function clientKeyTypes(key: string): string | null | undefined {
  table ??= buildTable();
  return table.get(key);
}

let table: Map<string, string | null> | undefined;

function buildTable(): Map<string, string | null> {
  const built = new Map<string, string | null>();
  for (const [types, keys] of Object.entries(BY_TYPES)) for (const key of keys.split(" ")) built.set(key, types);
  for (const key of [...TOLERANT.split(" "), ...Object.keys(CLIENT_WORDS), ...SHAPED]) built.set(key, null);
  return built;
}
