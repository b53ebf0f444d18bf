package io.trainyard.model;

import java.util.regex.Pattern;

/** The names callers give to what they store. */
public final class Names {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final Pattern ALIAS = Pattern.compile("[a-z][a-z0-9._-]{0,62}");

  private Names() {}

  /** Why a model cannot have this name; empty when it can. */
  public static String modelFault(String name) {
    return NAME.matcher(name).matches()
        ? ""
        : "A name starts with a lower-case letter or digit and has up to 63 of a-z, 0-9, '.', '_'"
            + " and '-', was '"
            + shorten(name)
            + "'";
  }

  /** Why an alias cannot have this name; empty when it can. */
  public static String aliasFault(String name) {
    if (name.equals(ModelRegistry.LATEST)) {
      return "'latest' always means the newest version and cannot be an alias";
    }
    return ALIAS.matcher(name).matches()
        ? ""
        : "An alias starts with a lower-case letter and has up to 63 of a-z, 0-9, '.', '_' and"
            + " '-', was '"
            + shorten(name)
            + "'";
  }

  private static String shorten(String text) {
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
