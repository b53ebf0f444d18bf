package io.trainyard.spec;

import io.trainyard.access.Names;
import io.trainyard.json.JsonObject;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version in text form: {@code rnn@3}, {@code rnn@production}, {@code rnn@latest}.
 *
 * @param version a number, an alias or {@code latest}
 */
public record ModelReference(String model, String version) {
  private static final Pattern FORM =
      Pattern.compile("(%s|%s)@(%1$s)".formatted(Names.FORM, Pattern.quote(SpecReferences.HIDDEN)));

  /** Parses a reference; throws {@link IllegalArgumentException} with a detail for the caller. */
  public static ModelReference parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "A version such as \"rnn@3\" or \"rnn@production\" was expected, got '"
              + JsonObject.shorten(text)
              + "'");
    }
    return new ModelReference(matcher.group(1), matcher.group(2));
  }

  @Override
  public String toString() {
    return model + "@" + version;
  }
}
