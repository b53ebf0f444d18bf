package io.trainyard.api.infer;

import io.trainyard.json.JsonStream;
import io.trainyard.predict.request.NumberScanner;
import io.trainyard.predict.request.NumberScanner.Unexpected;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The members of a JSON object that has large lists of numbers: those go another way. */
final class PlainObject {
  private final NumberScanner in;
  private final byte[] json;
  private final Set<String> names = new HashSet<>();

  /**
   * @param in in front of the object
   * @param json all that is scanned
   */
  PlainObject(NumberScanner in, byte[] json) {
    this.in = in;
    this.json = json;
  }

  /** The scanner, behind the name that {@link #next} gave. */
  NumberScanner in() {
    return in;
  }

  /** The name of the next member, whose value the caller takes; null behind the last one. */
  @Nullable String next() throws Unexpected {
    if (names.isEmpty()) {
      in.expect('{');
    } else if (in.take('}')) {
      return null;
    } else {
      in.expect(',');
    }
    String name = in.memberName();
    if (!names.add(name)) {
      throw NumberScanner.unexpected();
    }
    return name;
  }

  /** Takes the value, and reads it as any JSON. */
  void value(Consumer<JsonStream> reader) throws Unexpected {
    int start = in.skipValue();
    try (JsonStream value = new JsonStream(Arrays.copyOfRange(json, start, in.position()))) {
      value.next();
      reader.accept(value);
      value.expectEnd();
    }
  }
}
