package io.trainyard.store.model;

import io.trainyard.access.Identity;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.spec.ModelReference;
import io.trainyard.spec.SpecReferences;
import io.trainyard.store.access.Holders;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Keeps models and versions from being deleted while unfinished jobs need them, and versions while
 * the spec of a stored model names them.
 */
@Component
public final class JdbcModelHolds {
  /** The holder of the versions that a stored model names: this and the model's id. */
  private static final String MODEL = "model/";

  private final JdbcClient jdbc;

  JdbcModelHolds(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /**
   * Holds a model, and versions of any model, until {@link #release}. Joins the caller's
   * transaction. Locks the rows before it inserts holds on them: deleting locks them too, the model
   * before its versions. Foreign keys alone do not keep H2 from doing both at the same time.
   *
   * @param holder the id of a job
   * @throws ServiceException INVALID_BODY when one of them no longer exists
   */
  public void hold(String model, List<ModelReference> versions, String holder) {
    long modelId =
        jdbc.sql("select id from models where name = :model for update")
            .param("model", model)
            .query(Long.class)
            .optional()
            .orElseThrow(() -> gone("The model '" + model + "'"));
    jdbc.sql("insert into model_holds (holder, model_id) values (:holder, :model)")
        .param("holder", holder)
        .param("model", modelId)
        .update();
    // Sorted, so that two transactions never wait for each other.
    for (long id : new TreeSet<>(versions.stream().map(this::id).toList())) {
      hold(id, holder);
    }
  }

  private long id(ModelReference version) {
    return find(version).orElseThrow(() -> gone("The version " + version));
  }

  /** Versions that the caller may not use are as if they were not there. */
  private Optional<Long> find(ModelReference version) {
    if (!Identity.current().permitsModel(version.model())) {
      return Optional.empty();
    }
    return jdbc.sql(
            """
            select v.id from model_versions v join models m on m.id = v.model_id
            where m.name = :model and v.version = :version\
            """)
        .param("model", version.model())
        .param("version", Integer.parseInt(version.version()))
        .query(Long.class)
        .optional();
  }

  private void hold(long version, String holder) {
    if (lock(List.of(version)).isEmpty()) {
      throw gone("A version that the job reads");
    }
    jdbc.sql("insert into version_holds (holder, version_id) values (:holder, :version)")
        .param("holder", holder)
        .param("version", version)
        .update();
  }

  private static ServiceException gone(String what) {
    return ServiceException.invalid("/model", what + " is deleted");
  }

  private List<Long> lock(List<Long> versions) {
    return jdbc.sql("select id from model_versions where id in (:ids) order by id for update")
        .param("ids", versions)
        .query(Long.class)
        .list();
  }

  /** Releases everything a job holds. Joins the caller's transaction. */
  public void release(String holder) {
    jdbc.sql("delete from version_holds where holder = :holder").param("holder", holder).update();
    jdbc.sql("delete from model_holds where holder = :holder").param("holder", holder).update();
  }

  /** Holds the versions that the spec of a stored model names, and releases all others. */
  void holdForModel(long model, JsonNode spec) {
    releaseModel(model);
    List<ModelReference> named = SpecReferences.of(spec).versions();
    for (long id : new TreeSet<>(named.stream().map(this::id).toList())) {
      hold(id, MODEL + model);
    }
  }

  /** As {@link #holdForModel}, leaving out versions that are not there. */
  void holdThoseThere(long model, JsonNode spec) {
    releaseModel(model);
    List<ModelReference> named = SpecReferences.of(spec).versions();
    for (long id : new TreeSet<>(named.stream().flatMap(each -> find(each).stream()).toList())) {
      hold(id, MODEL + model);
    }
  }

  /** Releases what a stored model holds. */
  void releaseModel(long model) {
    jdbc.sql("delete from version_holds where holder = :holder")
        .param("holder", MODEL + model)
        .update();
  }

  /** Refuses to delete a model that a job will publish to. */
  void checkModel(long model) {
    refuseHeldBy(
        jdbc.sql("select holder from model_holds where model_id = :model")
            .param("model", model)
            .query(String.class)
            .list());
  }

  /** Refuses to delete versions that a job reads or a stored model names. */
  void checkVersions(List<Long> versions) {
    lock(versions);
    refuseHeldBy(
        jdbc.sql("select distinct holder from version_holds where version_id in (:versions)")
            .param("versions", versions)
            .query(String.class)
            .list());
  }

  private void refuseHeldBy(List<String> holders) {
    List<Long> models =
        holders.stream()
            .filter(holder -> holder.matches(MODEL + "[0-9]{1,18}"))
            .map(holder -> Long.parseLong(holder.substring(MODEL.length())))
            .toList();
    if (!models.isEmpty()) {
      throw new ServiceException(
          ErrorCode.IN_USE,
          "It is named in 'ref' or 'like' by %s: change or delete that first"
              .formatted(Holders.models(names(models))));
    }
    if (!holders.isEmpty()) {
      throw new ServiceException(
          ErrorCode.IN_USE, "It is needed by " + new Holders(jdbc).jobs(holders));
    }
  }

  private List<String> names(List<Long> models) {
    return jdbc.sql("select name from models where id in (:ids) order by id")
        .param("ids", models)
        .query(String.class)
        .list();
  }
}
