-- Purpose: a connection of an organisation to an accounting software, its credentials still to come.
insert into app.integration (organisation_id, provider, label, connected_by)
values (%(organisation_id)s, %(provider)s, %(label)s, %(person)s)
returning id
