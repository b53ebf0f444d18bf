package io.trainyard.architecture.planted.job;

/** Uses what is public for its neighbours only. */
record UsesInner(
    io.trainyard.architecture.planted.engine.layer.Inner layer,
    io.trainyard.architecture.planted.engine.loss.Inner loss,
    io.trainyard.architecture.planted.engine.search.Inner search,
    io.trainyard.architecture.planted.engine.update.Inner update,
    io.trainyard.architecture.planted.engine.weights.Inner weights,
    io.trainyard.architecture.planted.store.csv.Inner csv,
    io.trainyard.architecture.planted.store.table.Inner table,
    io.trainyard.architecture.planted.store.duckdb.Inner duckdb,
    io.trainyard.architecture.planted.store.ingest.Inner ingest,
    io.trainyard.architecture.planted.spec.keras.Inner keras,
    io.trainyard.architecture.planted.spec.check.TrainingCheck check) {}
