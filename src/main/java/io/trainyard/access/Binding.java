package io.trainyard.access;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The models, or the datasets, that a caller may see and use: names, and beginnings of names with a
 * {@code *} behind. A {@code *} alone is for all.
 */
public final class Binding {
  /** To nothing in particular: the caller may use all. */
  public static final Binding ALL = new Binding(List.of("*"));

  /** The caller may use none. */
  public static final Binding NONE = new Binding(List.of());

  private static final String REST = "*";

  private final SortedSet<String> words;

  private Binding(Collection<String> words) {
    this.words = new TreeSet<>(words.contains(REST) ? List.of(REST) : words);
  }

  /** Whether a word is a name, or the beginning of one with a {@code *} behind. */
  public static boolean isWord(String text) {
    return text.equals(REST)
        || Names.isName(text)
        || (text.endsWith(REST) && text.length() <= Names.LONGEST && Names.isName(beginning(text)));
  }

  /** What a caller is bound to by words; no words: to nothing that it could use. */
  public static Binding of(Collection<String> words) {
    return new Binding(words);
  }

  /** As {@link #of}, of what somebody else has written: anything but a list of texts is none. */
  public static Binding ofAnything(@Nullable Object value) {
    List<String> words = new ArrayList<>();
    if (value instanceof Collection<?> list) {
      for (Object each : list) {
        if (!(each instanceof String word)) {
          return NONE;
        }
        words.add(word);
      }
    }
    return of(words);
  }

  public boolean isAll() {
    return words.contains(REST);
  }

  public boolean permits(String name) {
    return words.contains(name)
        || words.stream().anyMatch(word -> word.endsWith(REST) && name.startsWith(beginning(word)));
  }

  private static String beginning(String word) {
    return word.substring(0, word.length() - REST.length());
  }

  /** The whole names among the words. */
  public List<String> names() {
    return words.stream().filter(word -> !word.endsWith(REST)).toList();
  }

  /** The beginnings among the words. */
  public List<String> beginnings() {
    return words.stream().filter(word -> word.endsWith(REST)).map(Binding::beginning).toList();
  }

  /** All words in order; null for {@link #ALL}. */
  public @Nullable List<String> words() {
    return isAll() ? null : List.copyOf(words);
  }

  /** As in "'shop' is bound to the models iris, team-a.*". */
  String described(String kind) {
    return words.isEmpty()
        ? "may use no " + kind
        : "is bound to the %s %s".formatted(kind, String.join(", ", words));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Binding binding && words.equals(binding.words);
  }

  @Override
  public int hashCode() {
    return words.hashCode();
  }

  @Override
  public String toString() {
    return words.isEmpty() ? "none" : String.join(", ", words);
  }
}
