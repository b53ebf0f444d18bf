package io.trainyard.api.model;

import io.trainyard.model.Model;
import io.trainyard.model.ModelVersion;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether a version answers, as TensorFlow Serving says it. */
public record ModelVersionStatus(String version, State state, Status status) {
  /** The states of TensorFlow Serving that a version here can have: it is loaded when asked. */
  public enum State {
    AVAILABLE,
    END
  }

  /**
   * Why it is in its state.
   *
   * @param errorCode OK or UNAVAILABLE
   */
  public record Status(String errorCode, String errorMessage) {}

  private static ModelVersionStatus of(int version, @Nullable String refusal) {
    return new ModelVersionStatus(
        String.valueOf(version),
        refusal == null ? State.AVAILABLE : State.END,
        refusal == null ? new Status("OK", "") : new Status("UNAVAILABLE", refusal));
  }

  static ModelVersionStatus of(ModelVersion version, Map<String, String> refused) {
    return of(version.version(), refused.get(version.reference()));
  }

  /**
   * The newest version and those under an alias, newest first.
   *
   * @param refused by reference, why versions do not answer
   */
  static List<ModelVersionStatus> of(Model model, Map<String, String> refused) {
    return Stream.concat(
            Stream.ofNullable(model.latestVersion()),
            model.aliases().stream().map(alias -> alias.version()))
        .distinct()
        .sorted(Comparator.reverseOrder())
        .map(version -> of(version, refused.get(ModelVersion.reference(model.name(), version))))
        .toList();
  }
}
