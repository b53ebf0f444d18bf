package io.trainyard.job;

import io.trainyard.dataset.DatasetSelection;
import io.trainyard.dataset.FoldSpec;
import io.trainyard.dataset.prepare.DatasetPreparer;
import io.trainyard.dataset.prepare.Preparation;
import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.spec.training.Ensemble;
import java.util.function.BooleanSupplier;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The rows of each member of an ensemble: those of its fold are for validation, or all members have
 * the same. All are encoded by what is learned on the rows of all members together. They are made
 * between two trainings, of which an outage must repeat none.
 *
 * @param whole how the rows of all members are read
 * @param data these rows
 * @param cancelled asked while rows are read
 */
record MemberRows(
    Outages outages,
    DatasetPreparer preparer,
    Preparation whole,
    PreparedData data,
    Ensemble ensemble,
    BooleanSupplier cancelled)
    implements IntFunction<PreparedData> {
  /** The rows of all members: with folds, all but the test part are for training. */
  static DatasetSelection whole(DatasetSelection selection, @Nullable Ensemble ensemble) {
    return ensemble == null || !ensemble.hasFolds()
        ? selection
        : selection.with(selection.split().with(new FoldSpec(0, ensemble.members())));
  }

  @Override
  public PreparedData apply(int member) {
    if (!ensemble.hasFolds()) {
      return data.encodedBy(data.encoding());
    }
    DatasetSelection selection = whole.selection();
    FoldSpec fold = new FoldSpec(member + 1, ensemble.members());
    Preparation own =
        new Preparation(
            whole.model(),
            selection.with(selection.split().with(fold)),
            data.encoding(),
            whole.sampleWeight(),
            whole.seed(),
            whole.tolerance());
    return outages.retryWhileDown(() -> preparer.fold(own, data, cancelled));
  }
}
