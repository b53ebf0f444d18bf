package io.trainyard.error;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * One fault at one place.
 *
 * @param pointer a JSON pointer (RFC 6901) into the body; "" is the whole body
 * @param detail what was expected, and what was found
 */
public record Violation(String pointer, String detail) {
  /** The faults that one text names; more would hide the first. */
  private static final int SHOWN = 5;

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

  /** Faults in one text, for protocols that know no list of them. */
  public static String text(List<Violation> faults) {
    String shown =
        faults.stream()
            .limit(SHOWN)
            .map(
                fault ->
                    fault.pointer.isEmpty() ? fault.detail : fault.pointer + ": " + fault.detail)
            .collect(Collectors.joining("; "));
    int left = faults.size() - SHOWN;
    return left > 0 ? shown + "; and " + left + " more" : shown;
  }
}
