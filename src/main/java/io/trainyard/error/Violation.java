package io.trainyard.error;

import java.util.Objects;

/**
 * One fault at one place.
 *
 * @param pointer a JSON pointer (RFC 6901) into the body; "" is the whole body
 * @param detail what was expected, and what was found
 */
public record Violation(String pointer, String detail) {
  public Violation {
    Objects.requireNonNull(pointer);
    Objects.requireNonNull(detail);
  }

  /** The pointer of a member, escaped as RFC 6901 demands. */
  public static String pointer(String parent, String member) {
    return parent + "/" + member.replace("~", "~0").replace("/", "~1");
  }

  public static String pointer(String parent, int index) {
    return parent + "/" + index;
  }
}
