package io.trainyard.start;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The commands that start the service itself: {@code serve}, as no command does, and {@code
 * worker}, which only runs jobs. Settings follow.
 */
public final class ServiceRole {
  private static final String SERVE = "serve";
  private static final String WORKER = "worker";
  private static final String ROLES = "--trainyard.roles";

  private ServiceRole() {}

  public static boolean isAsked(String[] args) {
    return args.length > 0 && (args[0].equals(SERVE) || args[0].equals(WORKER));
  }

  /**
   * The settings that the command stands for, and those behind it.
   *
   * @throws IllegalArgumentException for what is no setting; the message is one sentence
   */
  public static String[] settings(String[] args) {
    List<String> settings = new ArrayList<>(Arrays.asList(args).subList(1, args.length));
    for (String setting : settings) {
      if (!setting.startsWith("-")) {
        throw new IllegalArgumentException(
            "'%s' takes settings like --server.port=8080, not '%s'".formatted(args[0], setting));
      }
    }
    if (args[0].equals(WORKER)) {
      if (settings.stream().anyMatch(setting -> setting.startsWith(ROLES))) {
        throw new IllegalArgumentException(
            "'worker' stands for %s=worker: leave one of them out".formatted(ROLES));
      }
      settings.addFirst(ROLES + "=" + WORKER);
    }
    return settings.toArray(String[]::new);
  }
}
