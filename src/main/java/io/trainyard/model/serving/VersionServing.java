package io.trainyard.model.serving;

/**
 * How one version is served.
 *
 * @param id of the version
 * @param unloaded whether requests for it are refused until it is loaded again
 * @param pinned whether it stays in memory
 * @param loads how often it was loaded; a process that sees this grow loads it
 */
public record VersionServing(
    long id, String model, int version, boolean unloaded, boolean pinned, int loads) {
  /** That of a version nobody has decided about. */
  public static VersionServing usual(long id, String model, int version) {
    return new VersionServing(id, model, version, false, false, 0);
  }

  public VersionServing load() {
    return new VersionServing(id, model, version, false, pinned, loads + 1);
  }

  public VersionServing unload() {
    return new VersionServing(id, model, version, true, pinned, loads);
  }

  public VersionServing pin() {
    return new VersionServing(id, model, version, false, true, loads);
  }

  public VersionServing unpin() {
    return new VersionServing(id, model, version, unloaded, false, loads);
  }

  public String reference() {
    return model + "@" + version;
  }
}
