package io.trainyard.access;

import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a caller may do. No scope includes another one, but {@link #ADMIN} includes all. */
public enum Scope {
  /** Read datasets, models, versions, jobs, sweeps and metrics. */
  READ("read"),
  PREDICT("predict"),
  DATASETS_WRITE("datasets:write"),
  MODELS_WRITE("models:write"),
  JOBS_WRITE("jobs:write"),
  ALIASES_WRITE("aliases:write"),
  /** Everything, and keys, the audit log, backups. */
  ADMIN("admin");

  private final String word;

  Scope(String word) {
    this.word = word;
  }

  /** The word in requests, tokens and stored keys; it never changes. */
  public String word() {
    return word;
  }

  public static Optional<Scope> of(String word) {
    return Arrays.stream(values()).filter(scope -> scope.word.equals(word)).findFirst();
  }

  /** The words of all scopes, for messages. */
  public static String words() {
    return words(EnumSet.allOf(Scope.class), ", ");
  }

  /** Words in the order of the constants. */
  public static String words(Collection<Scope> scopes, String separator) {
    return scopes.stream().sorted().map(Scope::word).collect(Collectors.joining(separator));
  }

  /** The scopes that words name; other words are not ours and mean nothing. */
  public static Set<Scope> known(Collection<String> words) {
    Set<Scope> known = EnumSet.noneOf(Scope.class);
    words.forEach(word -> of(word).ifPresent(known::add));
    return known;
  }
}
