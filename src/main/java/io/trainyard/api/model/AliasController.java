package io.trainyard.api.model;

import io.trainyard.access.Change;
import io.trainyard.api.EntityTag;
import io.trainyard.api.Page;
import io.trainyard.api.TakesIdempotencyKey;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violations;
import io.trainyard.json.JsonObject;
import io.trainyard.model.Alias;
import io.trainyard.model.AliasStore;
import io.trainyard.model.ModelCatalogue;
import io.trainyard.model.Precondition;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.VersionStore;
import io.trainyard.predict.serving.ServedVersions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Aliases: names that point at versions. Moves are atomic and can be rolled back. */
@RestController
@RequestMapping("/v1/models/{model}/aliases")
record AliasController(
    ModelCatalogue models,
    VersionStore versions,
    AliasStore aliases,
    VersionResolver resolver,
    ServedVersions served) {
  @GetMapping
  AliasList list(@PathVariable String model) {
    return new AliasList(aliases.list(model).stream().map(AliasView::of).toList(), "");
  }

  @GetMapping("/{alias}")
  ResponseEntity<AliasView> read(@PathVariable String model, @PathVariable String alias) {
    return answer(resolver.alias(model, alias));
  }

  /** Loads and warms the version before the alias moves. */
  @PutMapping("/{alias}")
  ResponseEntity<AliasView> move(
      @PathVariable String model,
      @PathVariable String alias,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch,
      @RequestBody JsonNode body) {
    if (!Alias.isName(alias)) {
      throw ServiceException.parameter(
          "An alias starts with a lower-case letter, has at most 63 characters of a-z, 0-9, '.',"
              + " '_' and '-', and is not 'latest'; got '"
              + JsonObject.shorten(alias)
              + "'");
    }
    int version = version(body);
    Precondition<Alias> precondition = EntityTag.matching(ifMatch, AliasController::tag);
    models.get(model);
    // Refused here already, so that no version is loaded in vain.
    Optional<Alias> before = aliases.find(model, alias);
    precondition.check(before);
    served.admit(
        versions
            .find(model, version)
            .orElseThrow(
                () ->
                    ServiceException.invalid(
                        "/version", "The model '" + model + "' has no version " + version)));
    return changed(
        before, aliases.move(model, alias, version, Alias.Move.byCaller(), precondition));
  }

  private static ResponseEntity<AliasView> changed(Optional<Alias> before, Alias after) {
    Change.note(before.map(AliasView::of).orElse(null), AliasView.of(after));
    return answer(after);
  }

  private static int version(JsonNode body) {
    Violations violations = new Violations();
    JsonObject members = JsonObject.of(body, "", violations);
    int version = members.requiredInteger("version", 1, Integer.MAX_VALUE);
    members.finish();
    violations.throwIfAny();
    return version;
  }

  @TakesIdempotencyKey(creates = {})
  @PostMapping("/{alias}/rollback")
  ResponseEntity<AliasView> rollback(
      @PathVariable String model,
      @PathVariable String alias,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    Alias before = resolver.alias(model, alias);
    Precondition<Alias> precondition = EntityTag.matching(ifMatch, AliasController::tag);
    precondition.check(Optional.of(before));
    if (before.previousVersion() != null) {
      versions.find(model, before.previousVersion()).ifPresent(served::admit);
    }
    return changed(
        Optional.of(before), aliases.rollback(model, alias, Alias.Move.byCaller(), precondition));
  }

  @GetMapping("/{alias}/history")
  History history(@PathVariable String model, @PathVariable String alias, Page page) {
    Page.Slice<Alias.Move> moves =
        page.slice(
            aliases.history(model, alias, page.limit(), page.afterNumber()),
            move -> String.valueOf(move.id()));
    return new History(
        moves.map(move -> new Entry(move.version(), move.at(), move.by())), moves.nextPageToken());
  }

  @DeleteMapping("/{alias}")
  ResponseEntity<Void> delete(
      @PathVariable String model,
      @PathVariable String alias,
      @RequestHeader(name = "If-Match", required = false) @Nullable String ifMatch) {
    Optional<Alias> before = aliases.find(model, alias);
    aliases.delete(model, alias, EntityTag.matching(ifMatch, AliasController::tag));
    Change.note(before.map(AliasView::of).orElse(null), null);
    return ResponseEntity.noContent().build();
  }

  private static ResponseEntity<AliasView> answer(Alias alias) {
    return ResponseEntity.ok().eTag(tag(alias).header()).body(AliasView.of(alias));
  }

  private static EntityTag tag(Alias alias) {
    return EntityTag.of(alias.model(), alias.name(), alias.revision());
  }

  record AliasList(List<AliasView> aliases, String nextPageToken) {}

  record AliasView(
      String model,
      String alias,
      int version,
      @Nullable Integer previousVersion,
      Instant updatedAt) {
    static AliasView of(Alias alias) {
      return new AliasView(
          alias.model(), alias.name(), alias.version(), alias.previousVersion(), alias.updatedAt());
    }
  }

  record History(List<Entry> entries, String nextPageToken) {}

  record Entry(int version, Instant at, String by) {}
}
