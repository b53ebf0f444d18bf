package io.trainyard.spec.layer;

import io.trainyard.error.Violation;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import java.util.List;
import java.util.regex.Pattern;
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
        "'%s' cannot name %s: a letter or _ was expected, then letters, digits and _, 64 at most"
            .formatted(JsonObject.shorten(name), what));
    return false;
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
