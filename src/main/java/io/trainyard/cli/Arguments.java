package io.trainyard.cli;

import java.util.List;
import java.util.Set;

/** Tells commands from settings of the service, without loading anything of the command line. */
public final class Arguments {
  private static final Set<String> HELP = Set.of("-h", "--help", "-V", "--version");

  private Arguments() {}

  /** Whether the arguments hold a command: settings of the service all start with a dash. */
  public static boolean holdCommand(String[] arguments) {
    return List.of(arguments).stream()
        .anyMatch(argument -> !argument.startsWith("-") || HELP.contains(argument));
  }
}
