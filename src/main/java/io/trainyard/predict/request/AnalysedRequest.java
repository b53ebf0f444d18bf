package io.trainyard.predict.request;

import io.trainyard.predict.Computation;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.analysis.Analysis;

/** A request whose answer may say more about each row than the network's outputs. */
public abstract class AnalysedRequest implements Predictor.Request {
  private Analysis analysis = Analysis.none();

  /** What a caller is told about the rows. */
  Analysis analysisOf(Computation computation) {
    return Analysis.ofMembers(computation);
  }

  @Override
  public final boolean wantsMembers() {
    return true;
  }

  @Override
  public final void analyse(Computation computation) {
    analysis = analysisOf(computation);
  }

  /** What is told beside the predictions, once they are computed. */
  public final Analysis analysis() {
    return analysis;
  }
}
