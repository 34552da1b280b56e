"""How others match their data with ours (Reconciliation Service API 0.2): values and functions, without HTTP.

::

    asking      JSON -> queries, held to their bounds
    entities    works, keywords, headings and people: identifiers, names, addresses
    properties  what an entity says of itself, by property
    sightings   a query -> the entities that may be meant
    judging     how alike, and whether certain
    telling     the answers as the protocol writes them
    manifest    what the service can do
"""
