package io.trainyard;

import io.trainyard.access.Scope;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What an operation needs, as {@code rights.txt} says.
 *
 * @param any the scopes of which a key needs one; empty: nobody needs a key
 * @param method of HTTP; or gRPC
 * @param path with variables; or the method of gRPC
 * @param models what a key that is bound to other models gets; "-": what any key gets
 * @param datasets the same of datasets
 * @param body that names somebody else's; ""
 */
public record Rights(
    Set<Scope> any, String method, String path, String models, String datasets, String body) {
  public static final String GRPC = "gRPC";

  public static List<Rights> all() {
    try (InputStream in = Rights.class.getResourceAsStream("/rights.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .map(Rights::of)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Rights of(String line) {
    String[] words = line.split("\\s+", 6);
    Set<Scope> any = EnumSet.noneOf(Scope.class);
    if (!words[0].equals("open")) {
      Arrays.stream(words[0].split("\\|"))
          .forEach(word -> any.add(Scope.of(word).orElseThrow(() -> new AssertionError(line))));
    }
    return new Rights(
        any, words[1], words[2], words[3], words[4], words.length > 5 ? words[5] : "");
  }

  public String operation() {
    return method + " " + path;
  }
}
