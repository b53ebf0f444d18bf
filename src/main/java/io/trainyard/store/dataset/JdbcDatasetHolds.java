package io.trainyard.store.dataset;

import io.trainyard.dataset.DatasetHolds;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.store.access.Holders;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Keeps dataset versions from being deleted while unfinished jobs need them. */
@Component
public final class JdbcDatasetHolds implements DatasetHolds {
  private final JdbcClient jdbc;

  public JdbcDatasetHolds(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  @Override
  public void hold(String name, int version, String holder) {
    if (!lock(name, version)) {
      throw ServiceException.invalid(
          "/dataset", "The dataset " + name + "@" + version + " no longer exists");
    }
    jdbc.sql("insert into dataset_holds (holder, name, version) values (:holder, :name, :version)")
        .param("holder", holder)
        .param("name", name)
        .param("version", version)
        .update();
  }

  @Override
  public void release(String holder) {
    jdbc.sql("delete from dataset_holds where holder = :holder").param("holder", holder).update();
  }

  /** Refuses to delete a version that a job needs. */
  void check(String name, int version) {
    lock(name, version);
    List<String> holders =
        jdbc.sql("select holder from dataset_holds where name = :name and version = :version")
            .param("name", name)
            .param("version", version)
            .query(String.class)
            .list();
    if (!holders.isEmpty()) {
      throw new ServiceException(
          ErrorCode.IN_USE,
          "%s@%d is needed by %s".formatted(name, version, new Holders(jdbc).jobs(holders)));
    }
  }

  /**
   * Holding and deleting both lock the version's row. A foreign key alone does not keep H2 from
   * doing both at the same time.
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
