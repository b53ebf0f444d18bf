package io.trainyard.onnx.host;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What files have done of late, by the hash of their content. Many threads may use it at once. */
final class FileRecords {
  /** Answers after which a file is hardly the cause of a death. */
  static final int KNOWN = 100;

  private static final int MOST_FILES = 10_000;

  /** The answers since a file was last suspected. */
  private final Map<String, Integer> answers = new ConcurrentHashMap<>();

  /** The last caller who did not wait for an answer. */
  private final Map<String, String> leavers = new ConcurrentHashMap<>();

  void answered(String file) {
    if (answers(file) < KNOWN) {
      bound(answers);
      var _ = answers.merge(file, 1, Integer::sum);
    }
  }

  int answers(String file) {
    return answers.getOrDefault(file, 0);
  }

  boolean isKnown(String file) {
    return answers(file) >= KNOWN;
  }

  void suspected(String file) {
    answers.remove(file);
  }

  void left(String file, String caller) {
    bound(leavers);
    leavers.put(file, caller);
  }

  /** The last caller who did not wait; null when all have waited. */
  @Nullable String leaver(String file) {
    return leavers.remove(file);
  }

  private static void bound(Map<String, ?> kept) {
    if (kept.size() >= MOST_FILES) {
      kept.clear(); // they are counted from 0 again
    }
  }
}
