package io.trainyard.api.site;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Finds the sections of pages that have all words of a query. A word in the title of a page counts
 * most, then one in a heading, then one in a name that is marked as code, then one in the text; a
 * whole word counts more than the start of one.
 */
final class SearchIndex {
  static final int LONGEST_QUERY = 100;
  private static final int MOST_WORDS = 8;
  private static final int MOST_RESULTS = 30;
  private static final int SNIPPET = 170;
  private static final Pattern WORD = Pattern.compile("_*[\\p{L}\\p{N}][\\p{L}\\p{N}_]*");

  /**
   * A section that was found.
   *
   * @param page the title of its page
   * @param heading its own
   * @param path of the page, with the anchor
   * @param snippet the text around the first word
   */
  record Result(String page, String heading, String path, String snippet) {}

  private record Entry(
      DocPage page,
      Markdown.Section section,
      String title,
      String heading,
      String text,
      long names) {}

  private record Hit(Entry entry, double score) {}

  private final List<Entry> entries = new ArrayList<>();

  SearchIndex(DocPages pages) {
    for (DocPage page : pages.all()) {
      String title = page.title().toLowerCase(Locale.ROOT);
      for (Markdown.Section section : page.sections()) {
        boolean first = section.level() == 1;
        entries.add(
            new Entry(
                page,
                section,
                first ? title : "",
                section.heading().toLowerCase(Locale.ROOT),
                section.text().toLowerCase(Locale.ROOT),
                section.names().chars().filter(letter -> letter == ' ').count()));
      }
    }
  }

  /** The words of a query, in lower case. */
  static List<String> words(String query) {
    String cut = query.length() <= LONGEST_QUERY ? query : query.substring(0, LONGEST_QUERY);
    return WORD.matcher(cut.toLowerCase(Locale.ROOT))
        .results()
        .map(found -> found.group())
        .distinct()
        .limit(MOST_WORDS)
        .toList();
  }

  /** The best first. */
  List<Result> find(String query) {
    List<String> words = words(query);
    if (words.isEmpty()) {
      return List.of();
    }
    // "early stopping" also finds early_stopping and EarlyStopping.
    List<List<String>> readings = new ArrayList<>();
    readings.add(words);
    if (words.size() > 1) {
      readings.add(List.of(String.join("_", words)));
      readings.add(List.of(String.join("", words)));
    } else if (words.getFirst().contains("_")) {
      readings.add(
          List.of(words.getFirst().split("_")).stream().filter(w -> !w.isEmpty()).toList());
      readings.add(List.of(words.getFirst().replace("_", "")));
    }
    return entries.stream()
        .map(
            entry ->
                new Hit(
                    entry,
                    readings.stream()
                        .mapToDouble(reading -> score(entry, reading))
                        .max()
                        .orElse(0)))
        .filter(hit -> hit.score() > 0)
        .sorted(
            Comparator.comparingDouble(Hit::score)
                .reversed()
                .thenComparing(hit -> hit.entry().page().path())
                .thenComparing(hit -> hit.entry().section().id()))
        .limit(MOST_RESULTS)
        .map(hit -> result(hit.entry(), words))
        .toList();
  }

  /** 0 when a word is missing. */
  private static double score(Entry entry, List<String> words) {
    double sum = 0;
    for (String word : words) {
      double title = 100 * match(entry.title(), word);
      double heading = 60 * match(entry.heading(), word);
      // A name among few is what the section is about.
      double name = (35 + 60.0 / (3 + entry.names())) * match(entry.section().names(), word);
      double text = 4 * match(entry.text(), word);
      // The best place decides; the others only break ties.
      double best = Math.max(Math.max(title, heading), Math.max(name, text));
      double score = best + (title + heading + name + text) / 10;
      if (score == 0) {
        return 0;
      }
      sum += score;
    }
    boolean exact = entry.heading().equals(String.join(" ", words));
    return sum / words.size() + (exact ? 100 : 0);
  }

  /** 1 for a whole word, 0.5 for the start of one, 0.1 after an underscore, 0 within a word. */
  private static double match(String text, String word) {
    double best = 0;
    for (int at = next(text, word, 0); at >= 0; at = next(text, word, at + 1)) {
      boolean starts = at == 0 || text.charAt(at - 1) != '_';
      int end = at + word.length();
      boolean ends = end == text.length() || !isWord(text.charAt(end));
      double match = starts && ends ? 1 : starts ? 0.5 : 0.1;
      if (match == 1) {
        return 1;
      }
      best = Math.max(best, match);
    }
    return best;
  }

  /** Where a word of the text next starts with this one; -1 when none does. */
  static int next(String text, String word, int from) {
    for (int at = text.indexOf(word, from); at >= 0; at = text.indexOf(word, at + 1)) {
      if (at == 0 || !Character.isLetterOrDigit(text.charAt(at - 1))) {
        return at;
      }
    }
    return -1;
  }

  private static boolean isWord(char letter) {
    return Character.isLetterOrDigit(letter) || letter == '_';
  }

  private static Result result(Entry entry, List<String> words) {
    String anchor = entry.section().level() == 1 ? "" : "#" + entry.section().id();
    return new Result(
        entry.page().title(),
        entry.section().heading(),
        entry.page().path() + anchor,
        snippet(entry, words));
  }

  private static String snippet(Entry entry, List<String> words) {
    String text = entry.section().text();
    int from = 0;
    // What a heading promises begins below it.
    if (words.stream().allMatch(word -> next(entry.heading(), word, 0) < 0)) {
      int first =
          words.stream()
              .mapToInt(word -> next(entry.text(), word, 0))
              .filter(at -> at >= 0)
              .min()
              .orElse(0);
      from = Math.clamp(first - SNIPPET / 3, 0, text.length());
      from = from == 0 ? 0 : text.indexOf(' ', from) + 1;
    }
    int to = Math.min(text.length(), from + SNIPPET);
    if (to < text.length()) {
      to = Math.max(from, text.lastIndexOf(' ', to));
    }
    return (from > 0 ? "… " : "") + text.substring(from, to) + (to < text.length() ? " …" : "");
  }
}
