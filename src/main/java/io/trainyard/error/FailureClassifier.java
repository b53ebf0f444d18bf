package io.trainyard.error;

import java.util.Optional;

/** Turns a failure of the infrastructure, such as a database that is down, into a known error. */
@FunctionalInterface
public interface FailureClassifier {
  /** The error to answer with; empty for a failure that this classifier does not know. */
  Optional<ServiceException> classify(Throwable failure);
}
