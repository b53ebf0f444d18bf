package io.trainyard.api;

import java.util.Set;

/** The paths by which platforms ask for health; a refusal would end a process that works. */
public final class Probes {
  private static final String HEALTH = "/actuator/health";
  private static final Set<String> PROCESS = Set.of(HEALTH, "/livez", "/readyz");
  private static final Set<String> INFERENCE = Set.of("/v2/health/live", "/v2/health/ready");

  private Probes() {}

  /** Whether a path asks for health. */
  public static boolean isProbe(String path) {
    return isOfProcess(path) || INFERENCE.contains(path);
  }

  /** Whether a path asks for the health of a process, also of one that answers no predictions. */
  public static boolean isOfProcess(String path) {
    return PROCESS.contains(path) || path.startsWith(HEALTH + "/");
  }
}
