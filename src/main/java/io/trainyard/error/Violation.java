package io.trainyard.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One fault at one place, or the same fault in many cells of one column.
 *
 * @param pointer a JSON pointer (RFC 6901) into the body; "" is the whole body
 * @param detail what was expected, and what was found
 * @param count of many cells: how many have the fault; null for one place
 * @param examples of many cells: the places of the first ones, at most {@link #MOST_EXAMPLES}
 */
public record Violation(
    String pointer,
    String detail,
    @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long count,
    @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> examples) {
  /** How many places of the same fault are told. */
  public static final int MOST_EXAMPLES = 5;

  /** The faults that one text names; more would hide the first. */
  private static final int SHOWN = 5;

  public Violation {
    Objects.requireNonNull(pointer);
    Objects.requireNonNull(detail);
    examples = List.copyOf(examples);
  }

  /** A fault at one place. */
  public Violation(String pointer, String detail) {
    this(pointer, detail, null, List.of());
  }

  /** The same fault where each of its places is another. */
  public Violation moved(UnaryOperator<String> place) {
    return new Violation(place.apply(pointer), detail, count, examples).withExamplesAt(place);
  }

  /** The same fault where the places of its cells are others. */
  public Violation withExamplesAt(UnaryOperator<String> place) {
    return new Violation(pointer, detail, count, examples.stream().map(place).toList());
  }

  /** The same fault, with the same cells, at another place. */
  public Violation at(String place) {
    return new Violation(place, detail, count, examples);
  }

  /** The same places with another text. */
  public Violation told(String text) {
    return new Violation(pointer, text, count, examples);
  }

  /** How many places have the fault. */
  long places() {
    return count == null ? 1 : count;
  }

  private String text() {
    String all = pointer.isEmpty() ? detail : pointer + ": " + detail;
    return count == null
        ? all
        : "%s (%d cells have this fault, the first at %s)"
            .formatted(all, count, String.join(", ", examples));
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
        faults.stream().limit(SHOWN).map(Violation::text).collect(Collectors.joining("; "));
    int left = faults.size() - SHOWN;
    return left > 0 ? shown + "; and " + left + " more" : shown;
  }
}
