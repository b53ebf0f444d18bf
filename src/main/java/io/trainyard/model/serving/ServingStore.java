package io.trainyard.model.serving;

import io.trainyard.model.Precondition;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** What operators have decided about serving. Every change joins the caller's transaction. */
public interface ServingStore {
  /** All versions about which something was decided. */
  List<VersionServing> versions();

  /**
   * The versions that somebody has given an alias, those under {@code production} first, newest
   * first. The alias that a model's first version gets by itself does not count.
   */
  List<VersionServing> aliased();

  /** All versions of a file, which is given by the hash of its content. */
  List<VersionServing> ofFile(String sha256);

  /**
   * Changes how a version is served.
   *
   * @param change from how it is served now; it may refuse
   */
  VersionServing change(String model, int version, UnaryOperator<VersionServing> change);

  /**
   * Unloads all versions of a model, or lifts that.
   *
   * @throws io.trainyard.error.ServiceException IN_USE when one to unload is pinned
   */
  void changeAll(String model, boolean unloaded);

  /** The limits of all models that have some. */
  Map<String, ServingLimits> limits();

  /** MODEL_NOT_FOUND when there is no such model. */
  ServingLimits limits(String model);

  /**
   * Replaces the limits of a model.
   *
   * @param limits their revision does not matter
   */
  ServingLimits put(String model, ServingLimits limits, Precondition<ServingLimits> precondition);
}
