package io.trainyard.spec.layer;

import io.trainyard.json.JsonObject;
import java.util.regex.Pattern;

/** What things may be called. */
public final class Names {
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");
  private static final Pattern MODEL = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  private Names() {}

  /** Checks the name of a layer, input, output or target; true when it is one. */
  public static boolean checkIdentifier(
      String name, String what, String pointer, JsonObject members) {
    if (IDENTIFIER.matcher(name).matches()) {
      return true;
    }
    members
        .violations()
        .add(
            pointer,
            "'%s' cannot name %s: a letter or _ was expected, then letters, digits and _, 64 at most"
                .formatted(JsonObject.shorten(name), what));
    return false;
  }

  public static boolean checkModel(String name, String pointer, JsonObject members) {
    if (MODEL.matcher(name).matches()) {
      return true;
    }
    members
        .violations()
        .add(
            pointer,
            "'%s' cannot name a model: a small letter or digit was expected, then small letters,"
                    .formatted(JsonObject.shorten(name))
                + " digits, '.', '_' and '-', 63 at most");
    return false;
  }
}
