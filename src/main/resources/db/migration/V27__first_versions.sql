-- The first version of a model gets the alias production, so that a later one serves only where
-- somebody decides it.

-- Whether the first version is still to get it. False for models of earlier releases, whose newest
-- version serves, and for those that have ever had the alias.
alter table models add column grants_production boolean default false not null;
-- Whether the move is of a first version: nobody has decided it.
alter table alias_moves add column granted boolean default false not null;
