package io.trainyard.predict;

import io.trainyard.dataset.encoding.PlainNumbers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a model that reads plain numbers only.
 *
 * @param names as JSON writes them
 */
public record PlainColumns(PlainNumbers numbers, List<byte[]> names) {
  public static @Nullable PlainColumns of(PlainNumbers numbers) {
    for (String column : numbers.columns()) {
      if (column.chars().anyMatch(c -> c < ' ' || c == '"' || c == '\\' || c > '~')) {
        return null; // JSON may escape it in several ways
      }
    }
    return new PlainColumns(numbers, numbers.columns().stream().map(PlainColumns::quoted).toList());
  }

  /** The bytes of a name as JSON writes it, when it needs no escapes. */
  public static byte[] quoted(String name) {
    return ('"' + name + '"').getBytes(StandardCharsets.UTF_8);
  }
}
