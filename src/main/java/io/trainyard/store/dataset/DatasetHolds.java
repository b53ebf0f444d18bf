package io.trainyard.store.dataset;

import io.trainyard.dataset.DatasetVersion;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Data set versions that jobs need until they have ended. */
final class DatasetHolds {
  private final JdbcClient jdbc;

  DatasetHolds(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  void hold(DatasetVersion version, String holder) {
    if (!lock(version.name(), version.version())) {
      throw ServiceException.invalid("/dataset", "Data set " + version.reference() + " is gone");
    }
    jdbc.sql("insert into dataset_holds (holder, name, version) values (:holder, :name, :version)")
        .param("holder", holder)
        .param("name", version.name())
        .param("version", version.version())
        .update();
  }

  void letGo(String holder) {
    jdbc.sql("delete from dataset_holds where holder = :holder").param("holder", holder).update();
  }

  /** Refuses to delete a version that a job reads. */
  void check(String name, int version) {
    lock(name, version);
    List<String> holders =
        jdbc.sql(
                """
                select holder from dataset_holds where name = :name and version = :version
                fetch first 1 rows only\
                """)
            .param("name", name)
            .param("version", version)
            .query(String.class)
            .list();
    if (!holders.isEmpty()) {
      throw new ServiceException(
          ErrorCode.IN_USE,
          name
              + "@"
              + version
              + " is needed by the job "
              + holders.getFirst()
              + ", which has not ended");
    }
  }

  /**
   * Whoever holds and whoever deletes do so one after the other: a foreign key alone does not keep
   * H2 from doing both at once.
   */
  private boolean lock(String name, int version) {
    return jdbc.sql(
            "select id from dataset_versions where name = :name and version = :version for update")
        .param("name", name)
        .param("version", version)
        .query(Long.class)
        .optional()
        .isPresent();
  }
}
