"""The world: configuration schema, evidence, pathway, random draws, people, engine, trace and savings."""
