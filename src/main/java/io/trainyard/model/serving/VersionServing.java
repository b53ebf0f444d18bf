package io.trainyard.model.serving;

import org.jspecify.annotations.Nullable;

/**
 * How one version is served.
 *
 * @param id of the version
 * @param unloaded whether requests for it are refused until it is loaded again
 * @param pinned whether it stays in memory
 * @param quarantine why the service itself unloaded it; null when it did not
 * @param loads how often it was loaded; a process that sees this grow loads it
 */
public record VersionServing(
    long id,
    String model,
    int version,
    boolean unloaded,
    boolean pinned,
    int loads,
    @Nullable String quarantine) {
  private static final int LONGEST_REASON = 1_000;

  public VersionServing load() {
    return new VersionServing(id, model, version, false, pinned, loads + 1, null);
  }

  public VersionServing unload() {
    return new VersionServing(id, model, version, true, pinned, loads, quarantine);
  }

  public VersionServing pin() {
    return new VersionServing(id, model, version, false, true, loads, null);
  }

  public VersionServing unpin() {
    return new VersionServing(id, model, version, unloaded, false, loads, quarantine);
  }

  /** Unloads a version that ends the processes which compute it. */
  public VersionServing quarantined(String reason) {
    String kept = reason.substring(0, Math.min(reason.length(), LONGEST_REASON));
    return new VersionServing(id, model, version, true, pinned, loads, kept);
  }

  /** Why requests for it are refused, in a few words. */
  public String refusal() {
    return quarantine == null ? "unloaded" : "in quarantine: " + quarantine;
  }

  public String reference() {
    return model + "@" + version;
  }
}
