package io.trainyard.api.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.trainyard.access.Change;
import io.trainyard.api.EntityTag;
import io.trainyard.api.HttpProperties;
import io.trainyard.api.ListQuery;
import io.trainyard.api.Page;
import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.error.Violations;
import io.trainyard.idempotency.Created;
import io.trainyard.job.check.RepairedBodies;
import io.trainyard.label.LabelPatch;
import io.trainyard.label.LabelStore;
import io.trainyard.label.Labelled;
import io.trainyard.label.Placed;
import io.trainyard.label.Selection;
import io.trainyard.model.Alias;
import io.trainyard.model.Model;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.Precondition;
import io.trainyard.model.check.ModelCheck;
import io.trainyard.model.check.ResolvedModel;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.serving.ServedModels;
import io.trainyard.spec.ReferencedModels;
import io.trainyard.spec.SpecReader;
import io.trainyard.spec.SpecReader.ReadModel;
import io.trainyard.spec.check.Warning;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Models: names with the spec that the next job trains. */
@RestController
@RequestMapping("/v1/models")
public record ModelController(
    ModelCatalogue models,
    ReferencedModels references,
    LabelStore labels,
    Predictor predictor,
    ServedModels served,
    HttpProperties properties) {
  @TakesIdempotencyKey(creates = Created.Kind.MODEL)
  @PostMapping
  ResponseEntity<ModelView> create(@RequestBody JsonNode body) {
    ResolvedModel resolved = resolved(body, new Violations());
    Model created = models.create(resolved.spec().name(), resolved.json());
    Change.note(null, created.spec());
    return ResponseEntity.created(URI.create("/v1/models/" + created.name()))
        .eTag(tag(created).header())
        .body(ModelView.ofStored(created));
  }

  @GetMapping
  ModelList list(ListQuery query) {
    Page page = query.page();
    Selection selection = query.selection();
    Map<String, String> refused = served.refused();
    Page.Slice<Placed<Model>> slice =
        page.fill(
            part -> models.select(selection, refused.keySet(), part.after(), part.limit()),
            Placed::cursor,
            placed -> placed.item().spec().toString().length(),
            properties.maxPage().toBytes());
    return new ModelList(
        slice.map(placed -> ModelView.of(placed.item(), refused)), slice.nextPageToken());
  }

  @GetMapping("/{model}")
  ResponseEntity<ModelView> read(@PathVariable String model) {
    Model found = models.get(model);
    return ResponseEntity.ok()
        .eTag(tag(found).header())
        .body(ModelView.withStatus(found, served.refused()));
  }

  @PutMapping("/{model}")
  ResponseEntity<ModelView> put(
      @PathVariable String model,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @RequestBody JsonNode body) {
    Violations violations = new Violations();
    JsonNode spec = resolved(named(model, body, violations), violations).json();
    JsonNode before = models.find(model).map(Model::spec).orElse(null);
    Model stored = models.put(model, spec, EntityTag.matching(ifMatch, ModelController::tag));
    Change.note(before, stored.spec());
    return (stored.revision() == 1
            ? ResponseEntity.created(URI.create("/v1/models/" + model))
            : ResponseEntity.ok())
        .eTag(tag(stored).header())
        .body(ModelView.ofStored(stored, served.refused()));
  }

  /** Changes the description, the tags, and whether lists leave it out. */
  @PatchMapping("/{model}")
  ResponseEntity<ModelView> patch(
      @PathVariable String model,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @RequestBody JsonNode body) {
    LabelPatch patch = LabelPatch.of(body);
    Model before = models.get(model);
    Precondition<Model> precondition = EntityTag.matching(ifMatch, ModelController::tag);
    var _ =
        labels
            .change(
                Labelled.MODEL, model, () -> precondition.check(models.find(model)), patch::apply)
            .orElseThrow(() -> Model.notFound(model));
    Model changed = models.get(model);
    Change.note(before.labels().written(), changed.labels().written());
    return ResponseEntity.ok()
        .eTag(tag(changed).header())
        .body(ModelView.withStatus(changed, served.refused()));
  }

  @DeleteMapping("/{model}")
  ResponseEntity<Void> delete(
      @PathVariable String model,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    JsonNode before = models.find(model).map(Model::spec).orElse(null);
    models.delete(model, EntityTag.matching(ifMatch, ModelController::tag));
    Change.note(before, null);
    predictor.forget(model, null);
    return ResponseEntity.noContent().build();
  }

  /** The path names the model; the body may leave the name out. */
  private static JsonNode named(String model, JsonNode body, Violations violations) {
    if (!body.isObject() || body.has("name")) {
      if (body.path("name").isString() && !body.get("name").stringValue().equals(model)) {
        violations.add(
            "/name",
            "The path says '" + model + "', the body '" + body.get("name").stringValue() + "'");
      }
      return body;
    }
    ObjectNode named = JsonNodeFactory.instance.objectNode().put("name", model);
    named.setAll((ObjectNode) body);
    return named;
  }

  /**
   * The spec with all references to other models pinned to versions.
   *
   * @param violations what is wrong with its name
   * @throws io.trainyard.error.ServiceException INVALID_BODY with every violation
   */
  private ResolvedModel resolved(JsonNode body, Violations violations) {
    ResolvedModel model = checked(body, violations);
    if (!violations.isEmpty()) {
      RepairedBodies.completeOfModel(
          body,
          violations,
          repaired -> {
            Violations found = new Violations();
            ResolvedModel _ = checked(repaired, found);
            return found.list();
          });
    }
    violations.throwIfAny();
    return model;
  }

  private ResolvedModel checked(JsonNode body, Violations violations) {
    ResolvedModel model = ResolvedModel.of(body, "", references, violations);
    var _ = ModelCheck.withoutData(model.read(), "", null, false, violations);
    return model;
  }

  public static EntityTag tag(Model model) {
    return EntityTag.of(model.id(), model.revision());
  }

  record ModelList(List<ModelView> models, String nextPageToken) {}

  /**
   * A model as callers see it.
   *
   * @param aliases the version of each alias
   * @param ready whether the version answers that a request without one gets
   * @param modelVersionStatus of the newest version and those under an alias, newest first, where
   *     one model is read; else null
   * @param warnings of the check, in the answer to the request that stores it; else null
   */
  public record ModelView(
      String name,
      JsonNode model,
      @Nullable Integer latestVersion,
      Map<String, Integer> aliases,
      boolean ready,
      String owner,
      @Nullable String description,
      Map<String, String> tags,
      boolean archived,
      Instant createdAt,
      Instant updatedAt,
      @JsonInclude(JsonInclude.Include.NON_NULL)
          @Nullable List<ModelVersionStatus> modelVersionStatus,
      @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<Warning> warnings) {
    static ModelView of(Model model, Map<String, String> refused) {
      return of(model, refused, null, null);
    }

    static ModelView withStatus(Model model, Map<String, String> refused) {
      return of(model, refused, ModelVersionStatus.of(model, refused), null);
    }

    /** The answer to the request that makes a model. */
    public static ModelView ofStored(Model model) {
      return ofStored(model, Map.of());
    }

    static ModelView ofStored(Model model, Map<String, String> refused) {
      Violations none = new Violations();
      ReadModel spec = SpecReader.readable(model.spec(), "", none);
      List<Warning> warnings = ModelCheck.withoutData(spec, "", null, false, none).warnings();
      return of(model, refused, null, warnings);
    }

    private static ModelView of(
        Model model,
        Map<String, String> refused,
        @Nullable List<ModelVersionStatus> status,
        @Nullable List<Warning> warnings) {
      Integer version = model.defaultVersion();
      Map<String, Integer> aliases = new TreeMap<>();
      for (Alias alias : model.aliases()) {
        aliases.put(alias.name(), alias.version());
      }
      return new ModelView(
          model.name(),
          model.spec(),
          model.latestVersion(),
          aliases,
          version != null && !refused.containsKey(ModelVersion.reference(model.name(), version)),
          model.labels().shownOwner(),
          model.labels().description(),
          model.labels().tags(),
          model.labels().archived(),
          model.createdAt(),
          model.updatedAt(),
          status,
          warnings);
    }
  }
}
