package io.trainyard.label;

import java.util.Optional;
import java.util.function.UnaryOperator;

/** The stored labels. */
public interface LabelStore {
  Optional<Labels> find(Labelled kind, String key);

  /**
   * Changes labels in one transaction; the owner stays.
   *
   * @param precondition refuses the change by throwing; nobody else changes them before it ends
   * @return empty when there is no such thing
   */
  Optional<Labels> change(
      Labelled kind, String key, Runnable precondition, UnaryOperator<Labels> change);
}
