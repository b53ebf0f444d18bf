package io.trainyard.error;

import java.util.Objects;

/**
 * One fault at one place.
 *
 * @param pointer the place as a JSON pointer (RFC 6901) into the body; "" is the whole body
 * @param detail what was wrong, what was expected, what came
 */
public record Violation(String pointer, String detail) {
  public Violation {
    Objects.requireNonNull(pointer);
    Objects.requireNonNull(detail);
  }

  /** The pointer of a member or element below a place, with the escapes of RFC 6901. */
  public static String pointer(String parent, String member) {
    return parent + "/" + member.replace("~", "~0").replace("/", "~1");
  }

  public static String pointer(String parent, int index) {
    return parent + "/" + index;
  }
}
