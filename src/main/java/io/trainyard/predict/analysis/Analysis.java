package io.trainyard.predict.analysis;

import io.trainyard.dataset.encoding.Encoding;
import io.trainyard.error.ServiceException;
import io.trainyard.predict.Computation;
import io.trainyard.predict.analysis.AnalysisRequest.Explanation;
import io.trainyard.predict.analysis.AnalysisRequest.Sampling;
import io.trainyard.spec.check.Warning;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/** Answers an {@link AnalysisRequest} for the rows of one prediction. */
public final class Analysis {
  /** Rows times samples, or times steps, of one request. */
  private static final long MOST_ROWS = 1_000_000;

  private static final Set<String> ADDED =
      Set.of(Encoding.UNCERTAINTY, IntegratedGradients.SHARES, IntegratedGradients.BASELINE_OUTPUT);

  private final List<OfRows> found = new ArrayList<>();
  private boolean asked;

  private Analysis() {}

  /** One thing that was found out about each row. */
  interface OfRows {
    /** The members that it adds. */
    List<String> members();

    /** Adds what was found to the prediction of a row. */
    void addTo(int row, ObjectNode prediction);

    /** What the caller should know about it. */
    default Optional<Warning> warning() {
      return Optional.empty();
    }
  }

  /** The analysis without anything. */
  public static Analysis none() {
    return new Analysis();
  }

  /** How much the members of an ensemble differ, which nobody has to ask for. */
  public static Analysis ofMembers(Computation computation) {
    Analysis analysis = new Analysis();
    MemberSpreads spreads = MemberSpreads.of(computation);
    if (spreads != null) {
      analysis.found.add(spreads);
    }
    return analysis;
  }

  /** Computes what is asked; throws why it makes no sense for this model. */
  public static Analysis of(AnalysisRequest request, Computation computation, TrainingMeans means) {
    Analysis analysis = ofMembers(computation);
    boolean isEnsemble = !analysis.isEmpty();
    if (request.isNone()) {
      return analysis;
    }
    analysis.asked = true;
    checkNames(computation);
    Sampling sampling = request.sampling();
    Explanation explanation = request.explanation();
    if (!computation.isDifferentiable()) {
      throw ServiceException.invalid(
          sampling == null ? "/explain" : "/samples",
          "ONNX Runtime computes this version: its dropout cannot be sampled, and it gives no"
              + " gradients");
    }
    if (sampling != null && isEnsemble) {
      throw ServiceException.invalid(
          "/samples",
          "This version is an ensemble, and 'uncertainty' tells how much its members differ; leave"
              + " 'samples' out");
    }
    if (sampling != null) {
      checkSize("/samples", sampling.samples(), computation);
      analysis.found.add(DropoutSamples.sample(sampling, computation));
    }
    if (explanation != null) {
      checkSize("/explain/steps", explanation.steps(), computation);
      analysis.found.add(IntegratedGradients.of(explanation, computation, means));
    }
    return analysis;
  }

  private static void checkNames(Computation computation) {
    Encoding encoding = computation.model().definition().encoding();
    if (encoding == null) {
      return;
    }
    for (String target : encoding.targets().keySet()) {
      if (ADDED.contains(target)) {
        throw ServiceException.invalid(
            "",
            "The target '%s' has the name of a member that 'samples' or 'explain' adds; train it under another name"
                .formatted(target));
      }
    }
  }

  private static void checkSize(String pointer, int each, Computation computation) {
    long rows = (long) computation.rows() * each;
    if (rows > MOST_ROWS) {
      throw ServiceException.invalid(
          pointer,
          "%d instances, %d times each, are more than %d: send fewer instances, or lower the number"
              .formatted(computation.rows(), each, MOST_ROWS));
    }
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  /** Whether the caller asked for some of it. */
  public boolean isAsked() {
    return asked;
  }

  /** The members that are added. */
  public List<String> members() {
    return found.stream().flatMap(each -> each.members().stream()).toList();
  }

  /** What the caller should know about what was found. */
  public List<Warning> warnings() {
    return found.stream().flatMap(each -> each.warning().stream()).toList();
  }

  /** Adds what was found about a row to its prediction. */
  public void addTo(int row, ObjectNode prediction) {
    found.forEach(each -> each.addTo(row, prediction));
  }
}
