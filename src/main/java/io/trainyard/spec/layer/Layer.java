package io.trainyard.spec.layer;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import java.text.Normalizer;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A node of the graph: a layer with its name and the names of its inputs.
 *
 * @param inputs names of the layers or network inputs it reads
 * @param trainable whether training may change its weights; else it runs as at prediction
 * @param share the layer whose weights it uses; null when it has weights itself
 * @param index its position in the caller's list, for {@link #pointer}; a layer that only some
 *     members of an ensemble have is in their list, which is counted behind all of the first
 */
public record Layer(
    String name,
    LayerSpec spec,
    List<String> inputs,
    boolean trainable,
    @Nullable String share,
    int index) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,63}");

  /** Letters that are written with two where they are missing. */
  private static final Map<String, String> TWO_LETTERS =
      Map.of("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss");

  public Layer {
    inputs = List.copyOf(inputs);
  }

  /** Checks the name of a layer, input, target or parameter; true when it is allowed. */
  public static boolean checkName(String name, String what, String pointer, Violations violations) {
    if (NAME.matcher(name).matches()) {
      return true;
    }
    violations.add(
        pointer,
        "'%s' cannot name %s: a letter or _ was expected, then letters, digits and _, 64 at most%s%s"
            .formatted(JsonObject.shorten(name), what, foreignLetters(name), similarName(name)));
    return false;
  }

  /** Names the letters beyond A to Z, which a reader may take for allowed ones. */
  private static String foreignLetters(String name) {
    String letters =
        name.codePoints()
            .filter(c -> c > 127 && Character.isLetterOrDigit(c))
            .distinct()
            .limit(5)
            .mapToObj(c -> "'" + Character.toString(c) + "'")
            .collect(Collectors.joining(", "));
    return letters.isEmpty() ? "" : "; letters are a to z and A to Z, not " + letters;
  }

  /** Shows an allowed name that reads like this one, if there is one. */
  private static String similarName(String name) {
    String words = Normalizer.normalize(name, Normalizer.Form.NFC);
    for (Map.Entry<String, String> letter : TWO_LETTERS.entrySet()) {
      words = words.replace(letter.getKey(), letter.getValue());
    }
    String similar =
        Normalizer.normalize(words, Normalizer.Form.NFD)
            .replaceAll("\\p{M}", "")
            .replaceAll("[^A-Za-z0-9]+", "_")
            .replaceAll("^_|_$", "")
            .replaceFirst("^(?=[0-9])", "_");
    return similar.length() > 64 || !NAME.matcher(similar).matches() || similar.equals(name)
        ? ""
        : "; for example '" + similar + "'";
  }

  /** More than a list of layers may have. */
  private static final int LIST = 10_000;

  /** The same layer in the list of a group of members. */
  public Layer inGroup(int group) {
    return new Layer(name, spec, inputs, trainable, share, group * LIST + index);
  }

  /** Its place in a body, below that of its network. */
  public String pointer(String network) {
    int group = index / LIST;
    String list = group == 0 ? network : Violation.pointer(network + "/members", group);
    return Violation.pointer(list + "/layers", index % LIST);
  }

  /** The same layer with another spec. */
  public Layer with(LayerSpec other) {
    return new Layer(name, other, inputs, trainable, share, index);
  }

  /** The name of the layer that stores the weights. */
  public String weightsOwner() {
    return share == null ? name : share;
  }
}
