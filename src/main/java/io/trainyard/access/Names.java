package io.trainyard.access;

import java.util.regex.Pattern;

/** The form of the names that callers give: of models, datasets, keys and pools. */
public final class Names {
  /** The most characters of one. */
  public static final int LONGEST = 63;

  /** As a regular expression. */
  public static final String FORM = "[a-z0-9][a-z0-9._-]{0,62}";

  private static final Pattern NAME = Pattern.compile(FORM);

  private Names() {}

  /** Whether a text can be a name. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }
}
