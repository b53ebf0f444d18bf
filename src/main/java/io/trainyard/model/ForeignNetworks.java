package io.trainyard.model;

import io.trainyard.error.Violations;
import io.trainyard.spec.Signature;
import io.trainyard.spec.check.Warning;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads files in which other tools store whole networks. */
public interface ForeignNetworks {
  /**
   * The network of a file.
   *
   * @param given what the caller says of the network; it may give the shapes of its inputs
   * @throws io.trainyard.error.ServiceException why the file is refused, with all faults
   */
  Network read(Path file, JsonNode given);

  /**
   * A network that is computed from its file.
   *
   * @param json for a model object: tensor inputs, one layer for each output, and the outputs
   * @param inputs by name, the type and the shape of the rows that it reads
   * @param mixing where its rows may depend on each other; null when each follows from itself
   * @param libraries what computes it, for the provenance
   * @param warnings what is lost of it
   */
  record Network(
      ObjectNode json,
      Map<String, Signature.Tensor> inputs,
      @Nullable String mixing,
      Map<String, String> libraries,
      List<Warning> warnings) {
    public Network {
      warnings = List.copyOf(warnings);
    }
  }

  /** Adds a violation for members of {@code given} that a file cannot follow. */
  static void checkMembers(JsonNode given, Violations violations) {
    given
        .propertyNames()
        .forEach(
            member -> {
              if (!member.equals("inputs")) {
                violations.add(
                    "/spec/network/" + member,
                    "The file brings the network; only the shapes of its 'inputs' can be given");
              }
            });
  }
}
