package io.trainyard.spec;

import java.util.regex.Pattern;

/** What things may be called. */
final class Names {
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");
  private static final Pattern MODEL = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  private Names() {}

  /** Checks the name of a layer, input, output or target; true when it is one. */
  static boolean checkIdentifier(String name, String what, String pointer, Members members) {
    if (IDENTIFIER.matcher(name).matches()) {
      return true;
    }
    members
        .violations()
        .add(
            pointer,
            "'%s' cannot name %s: a letter or _ was expected, then letters, digits and _, 64 at most"
                .formatted(Members.shorten(name), what));
    return false;
  }

  static boolean checkModel(String name, String pointer, Members members) {
    if (MODEL.matcher(name).matches()) {
      return true;
    }
    members
        .violations()
        .add(
            pointer,
            "'%s' cannot name a model: a small letter or digit was expected, then small letters,"
                    .formatted(Members.shorten(name))
                + " digits, '.', '_' and '-', 63 at most");
    return false;
  }
}
