package io.trainyard.train;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.dataset.prepare.PreparedData.Part;
import io.trainyard.engine.ResidentSubset;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.TrainingSession;

/** The rows of a training, where it computes. */
record ResidentParts(ResidentSubset training, ResidentSubset validation, ResidentSubset test)
    implements AutoCloseable {
  static ResidentParts of(TrainingSession session, TrainingPlan plan, PreparedData data) {
    return new ResidentParts(
        session.load(data.training(), ClassWeights.of(plan, data)),
        session.load(data.validation()),
        session.load(data.test()));
  }

  /** The part that the training has seen least of. */
  Part leastSeen() {
    if (test.rows() > 0) {
      return Part.TEST;
    }
    return validation.rows() > 0 ? Part.VALIDATION : Part.TRAINING;
  }

  ResidentSubset of(Part part) {
    return switch (part) {
      case TRAINING -> training;
      case VALIDATION -> validation;
      case TEST -> test;
      case OUT_OF_FOLD -> throw new IllegalArgumentException("each member has its fold");
    };
  }

  @Override
  public void close() {
    training.close();
    validation.close();
    test.close();
  }
}
