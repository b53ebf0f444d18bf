package io.trainyard.dataset;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The stored dataset versions. */
public interface DatasetCatalogue {
  /**
   * Reads an upload to its end and stores it as an immutable version. The same bytes with the same
   * options give the same version. A refused upload leaves nothing behind.
   */
  Creation create(Upload upload) throws IOException;

  Optional<DatasetVersion> find(String name, int version);

  /**
   * The version that a stored request names.
   *
   * @throws ServiceException DATASET_NOT_FOUND when it is gone
   */
  default DatasetVersion get(String name, int version) {
    return find(name, version)
        .orElseThrow(
            () ->
                new ServiceException(
                    ErrorCode.DATASET_NOT_FOUND, "There is no dataset " + name + "@" + version));
  }

  Optional<DatasetVersion> findLatest(String name);

  /**
   * The datasets of a selection, in its order: the newest version of each, with the labels of the
   * dataset.
   *
   * @param after the cursor of the last one on the page before
   */
  List<Placed<DatasetVersion>> select(Selection selection, @Nullable String after, int limit);

  /** As {@link #select}, for the versions of one dataset. DATASET_NOT_FOUND when there is none. */
  List<Placed<DatasetVersion>> selectVersions(
      String name, Selection selection, @Nullable String after, int limit);

  /** Removes a version; IN_USE while a job holds it. */
  void delete(String name, int version);

  /**
   * A stored version.
   *
   * @param created false when the version existed before
   */
  record Creation(DatasetVersion version, boolean created) {}
}
