package io.trainyard.json;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Advice for a name that nothing here has: the name that was probably meant. Looks at spelling and
 * at what Keras, PyTorch, scikit-learn and MATLAB call the same thing.
 */
public final class NameAdvice {
  /** Only the start of a longer name is compared. */
  private static final int MAX_LENGTH = 40;

  private static final Pattern OTHERS = Pattern.compile("[^a-z0-9]");

  private NameAdvice() {}

  /**
   * Advice to append to "There is no 'name'": starts with "; ", or is "" when there is none.
   *
   * @param known the names that are allowed at this place
   */
  public static String of(String given, Collection<String> known) {
    return of(given, known, ForeignNames::sentence);
  }

  /** As {@link #of}, for a member of a spec: it may belong to another place. */
  static String ofMember(String given, Collection<String> known) {
    return of(
        given,
        known,
        name ->
            ForeignNames.sentence(name)
                .or(() -> counted(name, known).map(other -> "did you mean '" + other + "'?"))
                .or(() -> MemberPlaces.sentence(name)));
  }

  private static String of(
      String given, Collection<String> known, Function<String, Optional<String>> sentences) {
    String name = plain(given);
    if (name.isEmpty()) {
      return "";
    }
    return meant(given, known)
        .map(meant -> "did you mean '" + meant + "'?")
        .or(() -> sentences.apply(name))
        .or(() -> similar(given, known).map(other -> "did you mean '" + other + "'?"))
        .map(advice -> "; " + advice)
        .orElse("");
  }

  /**
   * As {@link #of}, followed by what there is.
   *
   * @param list what there is, as "there are a, b"
   */
  public static String before(String list, String given, Collection<String> known) {
    return join(of(given, known), list);
  }

  /** As {@link #before}, for a member of a spec: it may belong to another place. */
  static String beforeMembers(String list, String given, Collection<String> known) {
    return join(ofMember(given, known), list);
  }

  private static String join(String advice, String list) {
    return advice.isEmpty()
        ? "; " + list
        : advice
            + (advice.endsWith("?") ? " " : ". ")
            + list.substring(0, 1).toUpperCase(Locale.ROOT)
            + list.substring(1);
  }

  /** The known name that is spelt alike, or means what another library calls by this name. */
  public static Optional<String> meant(String given, Collection<String> known) {
    String name = plain(given);
    return known.stream()
        .filter(each -> plain(each).equals(name))
        .findFirst()
        .or(() -> ForeignNames.ours(name).stream().filter(known::contains).findFirst());
  }

  /** The known name that is meant, or spelt with few typing errors. */
  static Optional<String> misspelt(String given, Collection<String> known) {
    return meant(given, known).or(() -> similar(given, known));
  }

  /** As {@link #of}, by spelling alone: for names that the caller chose. */
  public static String bySpelling(String given, Collection<String> known) {
    return similar(given, known).map(other -> "; did you mean '" + other + "'?").orElse("");
  }

  /** Advice for a share from 0 to 1 that was given in percent; "" for other numbers. */
  public static String percent(double given) {
    boolean percent = given > 1 && given < 100;
    return percent
        ? "; a share is from 0 to 1: %s %% is %s"
            .formatted(plainNumber(given), plainNumber(given / 100))
        : "";
  }

  private static String plainNumber(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  /** The known name with the fewest typing errors, if there are few: "sepal_lenght". */
  public static Optional<String> similar(String given, Collection<String> known) {
    String name = cut(given.toLowerCase(Locale.ROOT));
    int allowed = name.length() < 3 ? 0 : name.length() < 6 ? 1 : 2;
    return known.stream()
        // The first letter is rarely wrong: class_weights is no loss_weights.
        .filter(
            each ->
                !each.isEmpty() && name.startsWith(each.substring(0, 1).toLowerCase(Locale.ROOT)))
        .filter(each -> Math.abs(cut(each).length() - name.length()) <= allowed)
        // Of names as near, that which begins alike, and the shorter one: "losss" is no "losses".
        .min(
            Comparator.<String>comparingInt(
                    each -> distance(name, cut(each.toLowerCase(Locale.ROOT))))
                .thenComparing(
                    Comparator.<String>comparingInt(
                            each -> commonStart(name, each.toLowerCase(Locale.ROOT)))
                        .reversed())
                .thenComparingInt(String::length))
        .filter(each -> distance(name, cut(each.toLowerCase(Locale.ROOT))) <= allowed);
  }

  /**
   * In lower case, only letters and digits, so that {@code learningRate} is {@code learning_rate}.
   */
  public static String plain(String name) {
    return OTHERS.matcher(cut(name).toLowerCase(Locale.ROOT)).replaceAll("");
  }

  /** The known name that is the plural, or the singular, of another. */
  private static Optional<String> counted(String name, Collection<String> known) {
    return known.stream().filter(each -> singular(each).equals(singular(name))).findFirst();
  }

  private static String singular(String name) {
    String plain = plain(name);
    return plain.endsWith("s") ? plain.substring(0, plain.length() - 1) : plain;
  }

  private static String cut(String name) {
    return name.length() <= MAX_LENGTH ? name : name.substring(0, MAX_LENGTH);
  }

  private static int commonStart(String a, String b) {
    int at = Arrays.mismatch(a.toCharArray(), b.toCharArray());
    return at < 0 ? a.length() : at;
  }

  /** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
  private static int distance(String a, String b) {
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int replaced = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        cost[i][j] = Math.min(replaced, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
