package io.trainyard.store.profile;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Counts the different values of one column, each as a key of 64 bits. Up to a limit it counts how
 * often each occurs. Beyond it counts only how many there are: exactly, or by a {@link
 * DistinctEstimate}.
 */
final class ValueCounter {
  private static final int FIRST_CAPACITY = 16;

  private final Limits limits;
  private long[] keys = new long[FIRST_CAPACITY];
  private long[] counts = new long[FIRST_CAPACITY];
  private @Nullable String @Nullable [] texts;
  private int size;
  private long textChars;
  private boolean many;
  private @Nullable DistinctEstimate estimate;

  /**
   * What to count.
   *
   * @param values up to how many different values each is counted
   * @param textChars up to how many characters the texts may have together
   * @param exact whether the number of different values is exact beyond these limits
   */
  record Limits(int values, long textChars, boolean exact) {}

  ValueCounter(Limits limits) {
    this.limits = limits;
  }

  void add(long key) {
    if (estimate != null) {
      estimate.add(mixed(key));
    } else {
      count(key);
    }
  }

  void add(String text) {
    long key = key(text);
    if (estimate != null) {
      estimate.add(mixed(key));
      return;
    }
    int slot = count(key);
    if (slot >= 0 && !many) {
      if (texts == null) {
        texts = new @Nullable String[keys.length];
      }
      texts[slot] = text;
      textChars += text.length();
      if (textChars > limits.textChars()) {
        overflow();
      }
    }
  }

  /** A key of a text; two of a million texts share one with a probability of 3e-8. */
  private static long key(String text) {
    long key = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      key = (key ^ text.charAt(i)) * 0x9e3779b97f4a7c15L;
      key ^= key >>> 32;
    }
    return key ^ text.length();
  }

  /** Source: the finalizer of MurmurHash3. */
  private static long mixed(long key) {
    long hash = (key ^ key >>> 33) * 0xff51afd7ed558ccdL;
    hash = (hash ^ hash >>> 33) * 0xc4ceb9fe1a85ec53L;
    return hash ^ hash >>> 33;
  }

  /** Counts a key; gives its slot if it is new, else −1. */
  private int count(long key) {
    int mask = keys.length - 1;
    int slot = (int) mixed(key) & mask;
    while (counts[slot] != 0) {
      if (keys[slot] == key) {
        counts[slot]++;
        return -1;
      }
      slot = (slot + 1) & mask;
    }
    keys[slot] = key;
    counts[slot] = 1;
    size++;
    if (size > limits.values() && !many) {
      overflow();
    } else if (size * 2 > keys.length) {
      grow();
      return slot(key);
    }
    return slot;
  }

  private int slot(long key) {
    int mask = keys.length - 1;
    int slot = (int) mixed(key) & mask;
    while (counts[slot] == 0 || keys[slot] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void overflow() {
    many = true;
    texts = null;
    if (limits.exact()) {
      return;
    }
    estimate = new DistinctEstimate();
    for (int i = 0; i < keys.length; i++) {
      if (counts[i] != 0) {
        estimate.add(mixed(keys[i]));
      }
    }
    keys = new long[0];
    counts = new long[0];
  }

  private void grow() {
    long[] oldKeys = keys;
    long[] oldCounts = counts;
    @Nullable String @Nullable [] oldTexts = texts;
    keys = new long[2 * oldKeys.length];
    counts = new long[keys.length];
    texts = oldTexts == null ? null : new @Nullable String[keys.length];
    int mask = keys.length - 1;
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldCounts[i] == 0) {
        continue;
      }
      int slot = (int) mixed(oldKeys[i]) & mask;
      while (counts[slot] != 0) {
        slot = (slot + 1) & mask;
      }
      keys[slot] = oldKeys[i];
      counts[slot] = oldCounts[i];
      if (oldTexts != null && texts != null) {
        texts[slot] = oldTexts[i];
      }
    }
  }

  long distinct() {
    return estimate == null ? size : estimate.count();
  }

  /** A value and how often it occurs; a text has its text beside its key. */
  record Counted(long key, @Nullable String text, long count) {}

  /** The values in any order; null beyond the limits. */
  @Nullable List<Counted> counted() {
    if (many) {
      return null;
    }
    List<Counted> counted = new ArrayList<>();
    for (int i = 0; i < keys.length; i++) {
      if (counts[i] != 0) {
        counted.add(new Counted(keys[i], texts == null ? null : texts[i], counts[i]));
      }
    }
    return counted;
  }
}
